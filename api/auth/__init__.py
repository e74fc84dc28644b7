"""Authentication: the only producer of principals."""

from api.auth.bearer import authenticate

__all__ = ["authenticate"]
