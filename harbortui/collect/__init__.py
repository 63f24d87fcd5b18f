"""Which facet is learned when, with which back-off, into one immutable Snapshot."""
