"""The half of the GPU probe that runs in a child process of its own.

It imports the standard library and the NVML binding, nothing else: the child
stays small, and a hang or crash of the driver takes only the child. The other
half, which starts the child and judges what it says, is `installer.gpu`.
"""
