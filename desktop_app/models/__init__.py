"""Where answers come from: the built-in reader and the wires to real models, behind one small interface."""
