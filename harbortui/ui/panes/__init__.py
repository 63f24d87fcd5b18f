"""Pure functions from a snapshot to what a pane shows; no widgets, no clock, no IO."""
