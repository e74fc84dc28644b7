"""How an answer comes about: drafted, written by a model or quoted, checked statement by statement."""
