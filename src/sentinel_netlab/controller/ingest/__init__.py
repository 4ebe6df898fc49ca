"""The way of a batch into the queue."""
