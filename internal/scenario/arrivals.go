package scenario

import (
	"slices"
	"time"
)

// Arrivals says how much work arrives when: a rate that is constant in pieces. Offsets count from the beginning of the
// rehearsal; before it and after the last piece nothing arrives. The zero value is no work at all.
type Arrivals struct {
	pieces []piece
	length time.Duration
}

type piece struct {
	from, to time.Duration
	rate     float64 // a second
	before   float64 // arrived before from
}

// Steady returns arrivals of one rate for a time.
func Steady(rate Rate, length time.Duration) Arrivals {
	return Arrivals{pieces: []piece{{to: length, rate: float64(rate)}}, length: length}
}

// For returns how long work arrives.
func (a Arrivals) For() time.Duration { return a.length }

// Rate returns how much work arrives at an offset, in units a second.
func (a Arrivals) Rate(offset time.Duration) float64 {
	i := a.after(offset)
	if i == len(a.pieces) || offset < a.pieces[i].from {
		return 0
	}
	return a.pieces[i].rate
}

// Count returns how much work arrives from one offset to another, in units, with a fraction.
func (a Arrivals) Count(from, to time.Duration) float64 {
	return max(0, a.until(to)-a.until(from))
}

// after returns the index of the first piece that ends after the offset.
func (a Arrivals) after(offset time.Duration) int {
	i, _ := slices.BinarySearchFunc(a.pieces, offset, func(p piece, offset time.Duration) int {
		if p.to <= offset {
			return -1
		}
		return 1
	})
	return i
}

func (a Arrivals) until(offset time.Duration) float64 {
	if len(a.pieces) == 0 {
		return 0
	}
	i := a.after(offset)
	if i == len(a.pieces) {
		last := a.pieces[i-1]
		return last.before + last.rate*(last.to-last.from).Seconds()
	}
	p := a.pieces[i]
	return p.before + p.rate*max(0, offset-p.from).Seconds()
}

// Part returns the arrivals from an offset on, for a time (0: to the end); the part begins at offset 0.
func (a Arrivals) Part(start, length time.Duration) Arrivals {
	end := a.length
	if length > 0 {
		end = min(end, start+length)
	}
	part := Arrivals{length: max(0, end-start)}
	for _, p := range a.pieces {
		from, to := max(p.from, start), min(p.to, end)
		if from < to {
			part.add(from-start, to-start, p.rate)
		}
	}
	return part
}

// Scaled returns arrivals with every rate multiplied.
func (a Arrivals) Scaled(by float64) Arrivals {
	scaled := Arrivals{length: a.length}
	for _, p := range a.pieces {
		scaled.add(p.from, p.to, p.rate*by)
	}
	return scaled
}

// add appends a piece, later than all others.
func (a *Arrivals) add(from, to time.Duration, rate float64) {
	a.pieces = append(a.pieces, piece{from: from, to: to, rate: rate, before: a.until(from)})
}

// Peak returns the highest rate, in units a second.
func (a Arrivals) Peak() float64 {
	peak := 0.0
	for _, p := range a.pieces {
		peak = max(peak, p.rate)
	}
	return peak
}
