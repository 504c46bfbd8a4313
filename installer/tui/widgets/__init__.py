"""Widgets shared by the screens. They show what they are given and decide nothing."""
