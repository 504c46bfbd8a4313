"""Look at the images of the real engine while others use it too."""

from contextlib import suppress

import docker
from docker.errors import ImageNotFound


def known_layers(client: docker.DockerClient) -> list[list[str]]:
    """Return ``RootFS.Layers`` of each image, skipping those that go meanwhile."""
    found = []
    for summary in client.api.images(all=True):
        with suppress(ImageNotFound):
            details = client.api.inspect_image(  # type: ignore[no-untyped-call]
                summary["Id"]
            )
            found.append(details["RootFS"].get("Layers") or [])
    return found
