"""A little shop. Every function without a leading underscore is a tool of the agent."""

stock = {"apple": 12, "pear": 3, "plum": 0}


def in_stock(fruit: str) -> int:
    """How many of a fruit there are.

    fruit: its name in the singular, as in "apple"
    """
    return stock[_known(fruit)]


def buy(fruit: str, count: int = 1) -> dict:
    """Buys some of a fruit, if there are enough."""
    fruit = _known(fruit)
    if stock[fruit] < count:
        raise ValueError(f"only {stock[fruit]} of {fruit} are left")
    stock[fruit] -= count
    print(f"sold {count} of {fruit}")  # what is printed is in the log: ww logs shop
    return {"fruit": fruit, "bought": count, "left": stock[fruit]}


async def catalog() -> list:
    """Names everything that the shop has ever sold."""
    return sorted(stock)


def _known(fruit):
    name = fruit.lower().removesuffix("s")
    if name not in stock:
        raise KeyError(f"no such fruit: {fruit}")
    return name
