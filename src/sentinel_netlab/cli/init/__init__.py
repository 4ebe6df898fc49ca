"""What a deployment needs before its first start: settings, secrets, a certificate."""
