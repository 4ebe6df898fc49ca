"""The loop: claim a batch, correlate, store, notify; retention."""
