class component:
    """The old engine's base class. Its components are part of ww now."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError("components of the Python engine do not run in ww: declare them in the .ww file, or write a custom process")
