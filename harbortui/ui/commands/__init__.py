"""The command line, the filter's line and the palette: docked at the bottom, never a dialog; imported on first use."""
