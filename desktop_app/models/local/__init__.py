"""Language models on this machine: GGUF files, run by llama.cpp (xllamacpp) in a process of its own."""
