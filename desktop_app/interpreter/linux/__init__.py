"""What confines a worker on Linux: bubblewrap around it, Landlock and a system call filter on itself, and limits."""
