"""Sounds in the window: the chip that stands for one, hearing it, and recording one."""
