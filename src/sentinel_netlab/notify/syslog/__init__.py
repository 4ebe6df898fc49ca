"""Notices as syslog messages (RFC 5424) over TCP or TLS."""
