"""The API from outside: requests of a sensor, signed."""
