package cloudwatch

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// alarm is one alarm of one account.
type alarm struct {
	def     *Definition
	arn     string
	series  []*Series // of the definition's sources; nil until somebody publishes
	phase   int64     // when in a minute it is evaluated, nanoseconds
	created time.Time

	state      types.StateValue
	since      time.Time // of the last transition
	updated    time.Time // of the last update of the state, transition or not
	reason     string
	reasonData string
	history    []transition
	shown      *types.MetricAlarm // as an answer shows it, until it changes; nil: not asked for since
}

// transition is one item of an alarm's history.
type transition struct {
	at                           time.Time
	from, to                     types.StateValue
	fromReason, toReason         string
	fromReasonData, toReasonData string
	written                      string // its HistoryData, once somebody asked
}

// Install adds alarms to the account. They know nothing at first, and are evaluated once a minute from now on, each at
// its own second of the minute. An alarm of a name that exists is replaced.
func (s *Service) Install(definitions ...*Definition) {
	now := s.loop.Now()
	s.catchUp(now.UnixNano())
	for _, d := range definitions {
		s.alarms = slices.DeleteFunc(s.alarms, func(a *alarm) bool { return a.def.name == d.name })
		s.alarms = append(s.alarms, &alarm{
			def: d, arn: arnOf(d.name), series: make([]*Series, len(d.sources)), phase: s.rng.Int64N(minute), created: now,
			state: types.StateValueInsufficientData, since: now, updated: now, reason: "Unchecked: Initial alarm creation",
		})
	}
	slices.SortFunc(s.alarms, func(a, b *alarm) int { return cmp.Compare(a.def.name, b.def.name) })
	s.schedule(now.UnixNano())
	s.settleComposites(now.UnixNano(), nil)
}

// schedule puts the metric alarms into the order in which a minute evaluates them, from now on.
func (s *Service) schedule(now int64) {
	s.ticks = s.ticks[:0]
	for _, a := range s.alarms {
		if a.def.metric != nil {
			s.ticks = append(s.ticks, a)
		}
	}
	slices.SortStableFunc(s.ticks, func(a, b *alarm) int { return cmp.Compare(a.phase, b.phase) })
	s.tick, s.turn = now/minute, 0
	for s.turn < len(s.ticks) && s.tick*minute+s.ticks[s.turn].phase <= now {
		s.turn++
	}
}

// catchUp evaluates every alarm at every tick up to now, each on what showed at that tick.
func (s *Service) catchUp(now int64) {
	if len(s.ticks) == 0 {
		return
	}
	for {
		if s.turn == len(s.ticks) {
			s.tick, s.turn = s.tick+1, 0
		}
		a := s.ticks[s.turn]
		at := s.tick*minute + a.phase
		if at > now {
			return
		}
		s.turn++
		if s.evaluate(a, at) {
			s.settleComposites(at, nil)
		}
	}
}

// evaluate brings one metric alarm to a tick and reports whether its state changed.
func (s *Service) evaluate(a *alarm, at int64) bool {
	d := a.def
	s.fetch(a, at)
	if d.lowSamples > 0 && s.samples(a, at) < d.lowSamples {
		return false
	}
	var to types.StateValue
	switch evaluate(s.buffer, d.m, d.n, d.treat) {
	case toOK:
		to = types.StateValueOk
	case toAlarm:
		to = types.StateValueAlarm
	case toInsufficient:
		to = types.StateValueInsufficientData
	default:
		return false
	}
	if to == a.state {
		return false
	}
	reason, data := d.reasonFor(to, s.buffer, at)
	a.enter(to, at, reason, data)
	return true
}

// fetch fills the buffer with the alarm's evaluation range as it shows at a tick, the newest period last.
func (s *Service) fetch(a *alarm, at int64) {
	d := a.def
	for i, known := range a.series {
		if known == nil {
			a.series[i] = s.find(d.sources[i].namespace, d.sources[i].name, d.sources[i].dims)
		}
	}
	periods := d.n + extra
	s.buffer = slices.Grow(s.buffer[:0], periods)[:periods]
	m := &s.moment
	*m = moment{sources: d.sources, series: a.series, seen: at}
	length := d.period / minute
	m.from = at/minute - int64(periods)*length
	for i := range s.buffer {
		m.to = m.from + length
		s.buffer[i] = datapoint{start: m.from * minute}
		if value, ok := d.formula.value(m); ok {
			s.buffer[i].class, s.buffer[i].value = fine, value
			if d.breaches(value, *d.metric.Threshold) {
				s.buffer[i].class = breaching
			}
		}
		m.from = m.to
	}
}

// samples returns how many samples the alarm's evaluation periods hold.
func (s *Service) samples(a *alarm, at int64) float64 {
	end := at / minute
	if a.series[0] == nil {
		return 0
	}
	all, _ := a.series[0].over(end-int64(a.def.n)*a.def.period/minute, end, at)
	return all.count
}

func (a *alarm) enter(to types.StateValue, at int64, reason, data string) {
	t := transition{
		at: time.Unix(0, at).UTC().Truncate(time.Millisecond), from: a.state, to: to,
		fromReason: a.reason, fromReasonData: a.reasonData, toReason: reason, toReasonData: data,
	}
	a.history, a.shown = append(a.history, t), nil
	a.state, a.since, a.updated, a.reason, a.reasonData = to, t.at, t.at, reason, data
}

// settleComposites re-evaluates the composite alarms, but for one that was set by hand, until none changes any more.
// Rules that lead in a circle end after as many rounds as there are alarms.
func (s *Service) settleComposites(at int64, but *alarm) {
	for range s.alarms {
		changed := false
		for _, a := range s.alarms {
			if a.def.composite == nil || a == but {
				continue
			}
			to := types.StateValueOk
			if a.def.rule.holds(s.stateOf) {
				to = types.StateValueAlarm
			}
			if to != a.state {
				a.enter(to, at, s.compositeReason(a, to, at), "")
				changed = true
			}
		}
		if !changed {
			return
		}
	}
}

func (s *Service) stateOf(name string) types.StateValue {
	if a := s.alarm(name); a != nil {
		return a.state
	}
	return ""
}

func (s *Service) alarm(name string) *alarm {
	i, ok := slices.BinarySearchFunc(s.alarms, name, func(a *alarm, name string) int { return cmp.Compare(a.def.name, name) })
	if !ok {
		return nil
	}
	return s.alarms[i]
}
