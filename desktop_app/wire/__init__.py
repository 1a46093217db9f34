"""The vocabulary that the window and the service share: ids, errors, events, limits, extension objects.

Request and response shapes are the SDK's own (`openai.types`); what is ours is here. No I/O, no Qt.
"""
