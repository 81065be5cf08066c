"""What hooks and pipes of old files do with payloads. The first argument is the folder of the stand-in."""

import asyncio
import copy
import dataclasses
import json
import pickle
import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))

import woodwork.events  # noqa: E402
import woodwork.payloads  # noqa: E402
import woodwork.types  # noqa: E402
from woodwork import tool_interface  # noqa: E402
from woodwork.core.unified_event_bus import get_global_event_bus  # noqa: E402
from woodwork.types import (  # noqa: E402
    AgentErrorPayload, BasePayload, EventSource, GenericPayload, InputReceivedPayload, PayloadRegistry, ToolCallPayload,
    track_events_from,
)


class Names(unittest.TestCase):
    def test_every_name_that_is_imported_is_there(self):
        payloads = """BasePayload GenericPayload PayloadRegistry InputReceivedPayload AgentThoughtPayload AgentActionPayload
            ToolCallPayload ToolObservationPayload AgentStepCompletePayload AgentErrorPayload EventSource track_events_from
            UserInputRequestPayload UserInputResponsePayload""".split()
        data = """Data Text Audio Image Stream Update Prompt Action Workflow StreamChunk StreamMetadata StreamBuffer
            StreamDataType StreamStatus generate_stream_id create_stream_chunk""".split()
        events = "EventManager get_global_event_manager set_global_event_manager emit register_hook register_pipe create_default_emitter".split()
        for module, names in ((woodwork.types, payloads + data), (woodwork.types.events, payloads), (woodwork.payloads, payloads),
                              (woodwork.events, payloads + events)):
            for name in names:
                self.assertTrue(hasattr(module, name), f"{module.__name__}.{name}")
        from woodwork.interfaces.tool_interface import tool_interface as same
        self.assertIs(tool_interface, same)
        for name in "emit register_hook register_pipe register_event get_stats".split():
            self.assertTrue(hasattr(get_global_event_bus(), name), name)

    def test_what_belongs_to_programs_says_so(self):
        for line in ("from woodwork import Runtime", "from woodwork.llms import OpenAI", "from woodwork.agents import Agent",
                     "from woodwork.tools import MCP", "from woodwork.inputs import CommandLine",
                     "from woodwork.utils import configure_logging"):
            with self.assertRaisesRegex(ImportError, "ww runs"):
                exec(line)

    def test_the_base_class_of_components_can_be_derived_and_not_be_made(self):
        from woodwork.components.component import component

        class Own(component):
            pass
        with self.assertRaises(NotImplementedError):
            Own()


class Payloads(unittest.TestCase):
    def setUp(self):
        self.p = InputReceivedPayload(input="a", inputs={"k": 1}, session_id="s")

    def test_items_and_attributes_are_one(self):
        p = self.p
        self.assertIsInstance(p, dict)
        self.assertIsInstance(p, BasePayload)
        p.input = "b"
        self.assertEqual(p["input"], "b")
        p["input"] = "c"
        self.assertEqual((p.input, p.get("input"), vars(p)["input"], p.__dict__["input"]), ("c",) * 4)
        p.update(input="d")
        p.extra = 1
        self.assertEqual((p.input, p["extra"]), ("d", 1))
        self.assertFalse(hasattr(p, "nope"))
        self.assertEqual(getattr(p, "nope", 5), 5)
        for name in "items keys values update pop".split():
            self.assertTrue(callable(getattr(p, name)))

    def test_it_is_copied_and_changed_in_every_way(self):
        p = self.p
        for other in (dataclasses.replace(p, input="x"), p._replace(input="x"), InputReceivedPayload(**{**p, "input": "x"})):
            self.assertEqual((type(other), other.input, other.session_id, p.input), (InputReceivedPayload, "x", "s", "a"))
        self.assertIsNot(copy.deepcopy(p).inputs, p.inputs)
        for same in (p.copy(), copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
            self.assertEqual(same, p)
            self.assertIs(type(same), InputReceivedPayload)
        self.assertEqual(dataclasses.asdict(p)["inputs"], {"k": 1})
        self.assertEqual(json.loads(json.dumps(p)), json.loads(p.to_json()))
        self.assertIs(type(p.to_dict()), dict)
        self.assertIn("input", [f.name for f in dataclasses.fields(p)])
        self.assertEqual(InputReceivedPayload.from_dict({"input": "i", "unknown": 1}).input, "i")
        self.assertEqual(InputReceivedPayload.from_json('{"input": "i"}').input, "i")
        self.assertTrue(p.is_valid())
        self.assertTrue(InputReceivedPayload().validate())

    def test_a_general_one_has_its_data_as_its_own(self):
        g = GenericPayload(data={"response": "r"})
        self.assertEqual((g.response, g["response"], g.get("response"), g.get("nope", 3)), ("r", "r", "r", 3))
        self.assertIn("response", g)
        self.assertNotIn("nope", g)
        g.response = "new"
        self.assertEqual((g.data["response"], g["response"]), ("new", "new"))
        g["response"] = "newer"
        self.assertEqual(g.data, {"response": "newer"})
        self.assertEqual(dataclasses.replace(g, data={"response": "x"}).response, "x")

    def test_the_registry_makes_them(self):
        r = PayloadRegistry
        self.assertIs(r.get_payload_type("input.received"), InputReceivedPayload)
        self.assertIs(r.get_payload_type("own.event"), GenericPayload)
        self.assertEqual(r.create_payload("tool.call", '{"tool": "t"}').tool, "t")
        self.assertNotIn("more", r.create_payload("tool.call", {"tool": "t", "more": 1}))
        self.assertEqual(r.create_payload("own.event", {"more": 1}).data, {"more": 1})
        self.assertIs(r.create_payload("own.event", self.p), self.p)
        self.assertTrue(r.validate_event_data("tool.call", {"tool": ""}))
        schema = r.get_event_schema("tool.call")
        self.assertEqual((schema["payload_type"], schema["fields"]["tool"]), ("ToolCallPayload", {"type": "str", "required": False}))
        with self.assertRaises(TypeError):
            r.register("own.event", int)

    def test_a_file_may_have_a_payload_of_its_own(self):
        @dataclasses.dataclass
        class Own(BasePayload):
            foo: str = "f"
            bar: int = 0
        PayloadRegistry.register("own.payload", Own)
        p = PayloadRegistry.create_payload("own.payload", {"foo": "z", "bar": 2})
        self.assertEqual((type(p), p.foo, p["bar"], json.loads(json.dumps(p))["foo"]), (Own, "z", 2, "z"))

    def test_a_source_is_in_what_is_made_within_it(self):
        @track_events_from("id", "kind")
        def make():
            return ToolCallPayload(tool="t")
        p = make()
        self.assertEqual((p.component_id, p.component_type, EventSource.get_current()), ("id", "kind", None))
        EventSource.set_current("a", "b")
        self.assertEqual(ToolCallPayload().component_id, "a")
        EventSource.clear()
        self.assertEqual(AgentErrorPayload.from_exception(ValueError("x"), {"query": "q"}, component_id="c").error_type, "ValueError")

    def test_events_of_a_file_reach_its_own_listeners(self):
        m, seen = woodwork.events.EventManager(), []
        m.on_hook("tool.call", lambda p: seen.append("hook " + p.tool))
        m.on_pipe("tool.call", lambda p: dataclasses.replace(p, tool="piped"))
        m.on_event("tool.call", lambda p: seen.append("event " + p.tool))
        self.assertEqual(asyncio.run(m.emit("tool.call", {"tool": "t"})).tool, "piped")
        self.assertEqual(seen, ["hook t", "event piped"])
        self.assertEqual(m.emit_sync("tool.call", {"tool": "t"}).tool, "piped")


if __name__ == "__main__":
    unittest.main()
