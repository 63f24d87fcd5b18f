"""From nothing to a configuration: which of Nomad's jobs are Harbors, what they say of themselves, and the file."""
