package cloudwatch

import (
	"math"
	"time"
)

const minute = int64(time.Minute)

// Series is one metric: a row of minutes.
type Series struct {
	service         *Service
	namespace, name string
	dims            []Dim // by name

	first  int64 // the number of the first minute since 1970
	points []point
	spread []histogram // as points, where the values within a minute are known
}

// point is what one minute adds up to. No samples: nothing was published.
type point struct {
	sum, count, least, most float64
	visible                 int64 // from when on it shows, nanoseconds since 1970
}

// Add adds to the minute of at: what count samples add up to, and the least and the greatest of them. A minute shows
// when it is over and its publication delay has passed; what is added to one that shows already shows at once.
func (s *Series) Add(at time.Time, sum, count, least, most float64) {
	if count <= 0 {
		return
	}
	p := s.at(at.UnixNano() / minute)
	if p.count > 0 {
		if now := s.service.now(); p.visible <= now {
			s.service.catchUp(now) // alarms saw the past as it was
		}
		p.sum, p.count = p.sum+sum, p.count+count
		p.least, p.most = min(p.least, least), max(p.most, most)
		return
	}
	*p = point{sum: sum, count: count, least: least, most: most, visible: s.service.shows(at)}
}

// shows draws when a data point of the minute of at shows.
func (s *Service) shows(at time.Time) int64 {
	end := (at.UnixNano()/minute + 1) * minute
	return max(end, s.now()) + int64(s.delay(s.rng))
}

// at returns the point of a minute, with room made for it.
func (s *Series) at(number int64) *point {
	if len(s.points) == 0 {
		s.first = number
		s.points = make([]point, 0, 64)
	}
	if number < s.first {
		missing := int(s.first - number)
		s.points = append(make([]point, missing), s.points...)
		if s.spread != nil {
			s.spread = append(make([]histogram, missing), s.spread...)
		}
		s.first = number
	}
	for int(number-s.first) >= len(s.points) {
		s.points = append(s.points, point{})
	}
	return &s.points[number-s.first]
}

// within returns the part of [from, end), in whole periods from from on, outside of which the series has no points.
func (s *Series) within(from, end, length int64) (int64, int64) {
	if s == nil {
		return end, end
	}
	if s.first > from {
		from += (s.first - from) / length * length
	}
	return from, min(end, s.first+int64(len(s.points)))
}

// over aggregates the minutes [from, to) as they showed at the given time.
func (s *Series) over(from, to, seen int64) (all point, ok bool) {
	low, high := max(from-s.first, 0), min(to-s.first, int64(len(s.points)))
	for i := low; i < high; i++ {
		p := &s.points[i]
		if p.count == 0 || p.visible > seen {
			continue
		}
		if !ok {
			all, ok = *p, true
			continue
		}
		all.sum, all.count = all.sum+p.sum, all.count+p.count
		all.least, all.most = min(all.least, p.least), max(all.most, p.most)
	}
	return all, ok
}

// valuesOver merges the distributions of the minutes [from, to) as they showed at the given time; ok is false where
// there is none, or where one minute is known as a sum only.
func (s *Series) valuesOver(from, to, seen int64) (all histogram, ok bool) {
	low, high := max(from-s.first, 0), min(to-s.first, int64(len(s.points)))
	for i := low; i < high; i++ {
		p := &s.points[i]
		if p.count == 0 || p.visible > seen {
			continue
		}
		switch {
		case i < int64(len(s.spread)) && s.spread[i] != nil:
			all = all.merge(s.spread[i])
		case p.least == p.most:
			all = all.merge(histogram{{value: p.least, count: p.count}})
		default:
			return nil, false
		}
		ok = true
	}
	return all, ok
}

// AddValues adds count samples of each value to the minute of at, so that percentiles can be asked for. The two have
// the same length; a value without samples is left out.
func (s *Series) AddValues(at time.Time, values, counts []float64) {
	var added histogram
	sum, count, least, most := 0.0, 0.0, math.Inf(1), math.Inf(-1)
	for i, v := range values {
		if counts[i] <= 0 {
			continue
		}
		sum, count = sum+v*counts[i], count+counts[i]
		least, most = min(least, v), max(most, v)
		added = append(added, bucket{value: v, count: counts[i]})
	}
	if count == 0 {
		return
	}
	s.Add(at, sum, count, least, most)
	number := at.UnixNano()/minute - s.first
	for int(number) >= len(s.spread) {
		s.spread = append(s.spread, nil)
	}
	s.spread[number] = s.spread[number].merge(added.sorted())
}
