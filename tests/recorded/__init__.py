"""What real servers answered, kept as files: replayed to the sources, compared in shape with the simulator."""
