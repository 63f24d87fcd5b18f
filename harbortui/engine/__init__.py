"""The process beside the screen: it owns sources and collection, and speaks typed messages over a socket pair."""
