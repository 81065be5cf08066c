"""A weather station: two tools for an agent, and a part of a chain for whoever puts it into one."""

from ww_component import Component

app = Component("weather", version="1.0", description="Knows the weather of three towns, and remembers what it was told.")
degrees = {"oslo": 4, "rome": 19, "lima": 22}


@app.tool
def temperature(town: str) -> str:
    "How warm it is in a town."
    print("asked for", town)  # into the log
    if town.lower() not in degrees:
        raise LookupError(f"no town is called {town}; there are {', '.join(degrees)}")
    celsius = degrees[town.lower()]
    if app.config.get("unit") == "fahrenheit":
        return f"{celsius * 9 // 5 + 32} °F"
    return f"{celsius} °C"


@app.tool
def report(turn, town: str, celsius: int) -> str:
    "Says how warm it is now."
    degrees[town.lower()] = int(celsius)
    turn.emit("weather.reported", {"town": town, "celsius": int(celsius)})  # hooks of the app may listen
    return "thank you"


@app.process
def process(turn):
    lines = [f"{town}: {temperature(town)}" for town in degrees if not turn.canceled]
    for line in lines:
        turn.chunk(line + "\n")
    return "\n".join(lines)


app.run()
