"""What alerts and sensors mean together: incidents, silence, doubtful times."""
