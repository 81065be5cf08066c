package metrics

import "slices"

// Def is what is known about an instrument before anything was measured. docs/reference/metrics.md is made of these.
type Def struct {
	Name   string
	Help   string
	Kind   Kind
	Labels []string
	Max    bool // several processes' values of a gauge are not added: the largest one counts
	// Alias is the instrument of the first design that this one is, and how to get its number from ours.
	Alias, From string
}

// Set is every instrument of one process. It has as many fields as there are instruments, so that the name of one is
// checked by the compiler.
type Set struct {
	Registrations *Vec[Counter]   // component
	Failures      *Vec[Counter]   // component, reason
	Heartbeats    *Vec[Counter]   // component; failed ones
	Routing       *Vec[Histogram] // component
	Sessions      *Vec[Counter]   // component
	Calls         *Vec[Counter]   // from, to, result
	BreakerState  *Vec[Gauge]     // from, to; BreakerClosed and the others
	BreakerTrips  *Vec[Counter]   // from, to
	Fallbacks     *Vec[Counter]   // from, to, kind
	Discovery     *Vec[Histogram] // to
	Discoveries   *Vec[Counter]   // to, result

	Turns       *Vec[Counter]   // component, status
	TurnTime    *Vec[Histogram] // component
	Queueing    *Vec[Histogram] // component
	Service     *Vec[Histogram] // component
	InFlight    *Vec[Gauge]     // component
	Waiting     *Vec[Gauge]     // component
	Refusals    *Vec[Counter]   // component, code
	DeadLetters *Vec[Counter]   // component, reason
	EventsLost  *Vec[Counter]   // component, subscriber
}

// The values of BreakerState.
const (
	BreakerClosed   = 0
	BreakerHalfOpen = 1
	BreakerOpen     = 2
)

// New makes the instruments of a process.
func New() *Set {
	c := catalog{left: Defs()}
	return &Set{
		Registrations: counters(c.next("ww_component_registrations_total")),
		Failures:      counters(c.next("ww_component_failures_total")),
		Heartbeats:    counters(c.next("ww_heartbeat_failures_total")),
		Routing:       histograms(c.next("ww_workflow_routing_seconds")),
		Sessions:      counters(c.next("ww_sessions_created_total")),
		Calls:         counters(c.next("ww_cross_component_calls_total")),
		BreakerState:  gauges(c.next("ww_circuit_breaker_state")),
		BreakerTrips:  counters(c.next("ww_circuit_breaker_trips_total")),
		Fallbacks:     counters(c.next("ww_fallback_executions_total")),
		Discovery:     histograms(c.next("ww_service_discovery_seconds")),
		Discoveries:   counters(c.next("ww_component_discoveries_total")),
		Turns:         counters(c.next(turnsEnded)),
		TurnTime:      histograms(c.next("ww_turn_seconds")),
		Queueing:      histograms(c.next("ww_hop_queue_seconds")),
		Service:       histograms(c.next("ww_hop_service_seconds")),
		InFlight:      gauges(c.next("ww_hops_in_flight")),
		Waiting:       gauges(c.next("ww_messages_waiting")),
		Refusals:      counters(c.next("ww_messages_refused_total")),
		DeadLetters:   counters(c.next("ww_dead_letters_total")),
		EventsLost:    counters(c.next("ww_events_dropped_total")),
	}
}

// families reads every family once.
func (s *Set) families() []Family {
	return []Family{
		s.Registrations.snapshot(), s.Failures.snapshot(), s.Heartbeats.snapshot(), s.Routing.snapshot(), s.Sessions.snapshot(),
		s.Calls.snapshot(), s.BreakerState.snapshot(), s.BreakerTrips.snapshot(), s.Fallbacks.snapshot(),
		s.Discovery.snapshot(), s.Discoveries.snapshot(), s.Turns.snapshot(), s.TurnTime.snapshot(), s.Queueing.snapshot(),
		s.Service.snapshot(), s.InFlight.snapshot(), s.Waiting.snapshot(), s.Refusals.snapshot(), s.DeadLetters.snapshot(), s.EventsLost.snapshot(),
	}
}

// Total is how much was counted and measured in all. While it is the same nothing has changed, gauges apart.
func (s *Set) Total() uint64 {
	return s.Registrations.total() + s.Failures.total() + s.Heartbeats.total() + s.Routing.total() + s.Sessions.total() +
		s.Calls.total() + s.BreakerTrips.total() + s.Fallbacks.total() + s.Discovery.total() + s.Discoveries.total() +
		s.Turns.total() + s.TurnTime.total() + s.Queueing.total() + s.Service.total() + s.Refusals.total() +
		s.DeadLetters.total() + s.EventsLost.total()
}

// catalog hands out definitions by name.
type catalog struct{ left []Def }

func (c *catalog) next(name string) Def {
	i := slices.IndexFunc(c.left, func(d Def) bool { return d.Name == name })
	if i < 0 {
		panic("metrics: " + name + " is not in the catalog, or was taken twice")
	}
	d := c.left[i]
	c.left = slices.Delete(c.left, i, i+1)
	return d
}

// Defs lists every instrument.
func Defs() []Def {
	return append(firstDesign(), ours()...)
}

// firstDesign are the instruments that the first design of a decentralized ww names, all of them.
func firstDesign() []Def {
	component := []string{"component"}
	route := []string{"from", "to"}
	return []Def{
		{
			Name: "ww_component_registrations_total", Kind: KindCounter, Labels: component,
			Help:  "Records that became READY.",
			Alias: "distributed.component_registrations_total",
		},
		{
			Name: "ww_component_failures_total", Kind: KindCounter, Labels: []string{"component", "reason"},
			Help:  "Ends of a component that nobody asked for, and components that were given up.",
			Alias: "distributed.component_failures_total", From: "sum by (component) (ww_component_failures_total)",
		},
		{
			Name: "ww_heartbeat_failures_total", Kind: KindCounter, Labels: component,
			Help:  "Heartbeats that were not answered in time.",
			Alias: "distributed.heartbeat_failures_total",
		},
		{
			Name: "ww_workflow_routing_seconds", Kind: KindHistogram, Labels: component,
			Help:  "Time from the result of a hop to its acknowledgement by the next one.",
			Alias: "distributed.workflow_routing_time_ms", From: "1000 * rate(ww_workflow_routing_seconds_sum[1m]) / rate(ww_workflow_routing_seconds_count[1m])",
		},
		{
			Name: "ww_sessions_created_total", Kind: KindCounter, Labels: component,
			Help:  "Sessions that began.",
			Alias: "distributed.session_creation_rate_per_sec", From: "rate(ww_sessions_created_total[1m])",
		},
		{
			Name: "ww_cross_component_calls_total", Kind: KindCounter, Labels: []string{"from", "to", "result"},
			Help:  "Calls between components; result is ok or the code of the refusal.",
			Alias: "distributed.cross_component_calls_total", From: "sum by (from, to) (ww_cross_component_calls_total)",
		},
		{
			Name: "ww_circuit_breaker_state", Kind: KindGauge, Labels: route, Max: true,
			Help:  "0 closed, 1 half open, 2 open; of several callers' breakers the worst.",
			Alias: "distributed.circuit_breaker_state",
		},
		{
			Name: "ww_circuit_breaker_trips_total", Kind: KindCounter, Labels: route,
			Help:  "Times that a breaker opened.",
			Alias: "distributed.circuit_breaker_trips_total",
		},
		{
			Name: "ww_fallback_executions_total", Kind: KindCounter, Labels: []string{"from", "to", "kind"},
			Help:  "Answers that a fallback gave.",
			Alias: "distributed.fallback_executions_total", From: "sum by (from, to) (ww_fallback_executions_total)",
		},
		{
			Name: "ww_service_discovery_seconds", Kind: KindHistogram, Labels: []string{"to"},
			Help:  "Time to find an instance of a component.",
			Alias: "distributed.service_discovery_time_ms", From: "1000 * rate(ww_service_discovery_seconds_sum[1m]) / rate(ww_service_discovery_seconds_count[1m])",
		},
		{
			Name: "ww_component_discoveries_total", Kind: KindCounter, Labels: []string{"to", "result"},
			Help:  "Searches for an instance; result is found or missing.",
			Alias: "distributed.component_discovery_success_rate", From: `sum(ww_component_discoveries_total{result="found"}) / sum(ww_component_discoveries_total)`,
		},
	}
}

// turnsEnded counts the turns that ended, by component and status.
const turnsEnded = "ww_turns_total"

// ours are the instruments that the first design has no name for.
func ours() []Def {
	component := []string{"component"}
	return []Def{
		{
			Name: turnsEnded, Kind: KindCounter, Labels: []string{"component", "status"},
			Help: "Turns that ended, at the component that accepted them.",
		},
		{Name: "ww_turn_seconds", Kind: KindHistogram, Labels: component, Help: "Time from the acceptance of a turn to its end."},
		{Name: "ww_hop_queue_seconds", Kind: KindHistogram, Labels: component, Help: "Time that a message waited for its handler."},
		{Name: "ww_hop_service_seconds", Kind: KindHistogram, Labels: component, Help: "Time that a handler took."},
		{Name: "ww_hops_in_flight", Kind: KindGauge, Labels: component, Help: "Handlers that run now."},
		{Name: "ww_messages_waiting", Kind: KindGauge, Labels: component, Help: "Messages that wait for a handler now."},
		{Name: "ww_messages_refused_total", Kind: KindCounter, Labels: []string{"component", "code"}, Help: "Messages that were not taken."},
		{Name: "ww_dead_letters_total", Kind: KindCounter, Labels: []string{"component", "reason"}, Help: "Messages that were set aside."},
		{
			Name: "ww_events_dropped_total", Kind: KindCounter, Labels: []string{"component", "subscriber"},
			Help: "Events that a slow subscriber did not hear.",
		},
	}
}
