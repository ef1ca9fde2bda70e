package judge

import (
	"math"
	"slices"
	"time"
)

// Noise estimates from a history of minutes, four hours before the release for example, how much the arms' rates differ
// by themselves, beyond chance: the excess of phi over 1 for each unit of information, for Settings.Noise. Minutes may
// have a baseline only: then each is compared with the one after it, which also counts part of what both arms would
// share, so the test gets slower than it need be, never less safe. Where the history has a canary that ran the baseline
// version too (a standing canary service), the arms themselves are compared.
//
// It looks at batches of 1, 5 and 15 minutes and takes the largest, since noise that persists adds up. 0 is returned
// where the history shows no more than chance, or is too short to tell. Minutes must be in the order of time.
func Noise(history []Minute) (float64, error) {
	var before time.Time
	for row, m := range history {
		if err := m.check(row, before); err != nil {
			return 0, err
		}
		before = m.Start
	}
	batches := betweenArms
	if len(betweenArms(history, 1)) < fewest {
		batches = betweenBatches
	}
	noise := 0.0
	for _, size := range []int{1, 5, 15} {
		noise = max(noise, noiseOf(batches(history, size)))
	}
	return noise, nil
}

// batch is a comparison within the history: its squared standardised residual, and its information a minute.
type batch struct{ square, information, minute float64 }

const fewest = 10 // batches to judge scatter by

// noiseOf returns the excess scatter of the batches for each unit of information a minute: that of the mean square or
// that of the median square, whichever is less. A few incidents move the mean, not the median; few events move the
// median, whose square is then far from chi-square's (0.455 with one degree of freedom), not the mean.
func noiseOf(batches []batch) float64 {
	if len(batches) < fewest {
		return 0
	}
	n, minute, kurtosis, mean := float64(len(batches)), 0.0, 0.0, 0.0
	squares := make([]float64, len(batches))
	for i, b := range batches {
		squares[i] = b.square
		mean += b.square / n
		minute += b.minute / n
		kurtosis += 1 / b.information / n
	}
	slices.Sort(squares)
	// Two standard errors, since the largest of three estimates is taken; that of a median is 1.16 times that of a mean.
	slack := 2 * math.Sqrt((2+kurtosis)/n)
	excess := min(mean-slack, squares[len(squares)/2]/.455-1.16*slack) - 1
	return max(0, excess/minute)
}

// betweenArms compares canary and baseline, size minutes at a time, around the rate ratio of the whole history.
func betweenArms(history []Minute, size int) []batch {
	canary, base := .5, .5
	for _, m := range history {
		if m.comparable() {
			s := m.step()
			canary, base = canary+s.x*(1-s.pi), base+(s.d-s.x)*s.pi
		}
	}
	theta := canary / base
	var batches []batch
	residual, information, n := 0.0, 0.0, 0
	for _, m := range history {
		if !m.comparable() {
			continue
		}
		s := m.step()
		residual += s.x - s.d*s.canaryOdds(theta)
		information += s.information(theta)
		if n++; n == size {
			batches = appendBatch(batches, residual, information, size)
			residual, information, n = 0, 0, 0
		}
	}
	return batches
}

// betweenBatches compares the baseline with itself: size minutes with the size minutes after them.
func betweenBatches(history []Minute, size int) []batch {
	var batches []batch
	for pair := range slices.Chunk(history, 2*size) {
		if len(pair) < 2*size {
			break
		}
		var m Minute // the earlier half as the canary
		for i, minute := range pair {
			if i < size {
				add(&m.Canary, minute.Baseline)
			} else {
				add(&m.Baseline, minute.Baseline)
			}
		}
		if m.comparable() {
			s := m.step()
			batches = appendBatch(batches, s.x-s.d*s.pi, s.information(1), size)
		}
	}
	return batches
}

func appendBatch(batches []batch, residual, information float64, size int) []batch {
	if information <= 0 {
		return batches
	}
	return append(batches, batch{residual * residual / information, information, information / float64(size)})
}
