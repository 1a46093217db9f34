"""What confines a worker on Windows: an AppContainer without capabilities, and a job object with limits.

Written from Microsoft's documentation and not tried by its authors on Windows: it is off until the self-test has
passed on the machine (verified.py), and each worker's canary decides again.
"""
