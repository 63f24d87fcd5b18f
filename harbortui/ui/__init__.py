"""The screen: paints snapshots and reads keys. No network, no client, no collection in here."""
