"""What all wires share: a provider's address and key, its connections, its faults in words, its streams."""
