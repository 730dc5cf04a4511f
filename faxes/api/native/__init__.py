"""The portal's own API, ``/api/v1/``: a file a resource."""
