"""What each part of packing gains."""
