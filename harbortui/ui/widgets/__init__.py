"""The few widgets everything is painted with; all of them draw lines and repaint only what changed."""
