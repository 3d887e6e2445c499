"""What the chapters ask of a graph: each question a module that reads the engine."""
