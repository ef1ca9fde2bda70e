package rehearsal

import (
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// One push is told of twice at the same moment, or one revision is pushed under two tags: one release comes of it, and the
// other execution says that it is in flight and that there is nothing to do, whatever the target does with others.
func TestTheSameRevisionTwiceAtOnce(t *testing.T) {
	for _, way := range []release.Concurrency{release.Queue, release.Supersede, release.Reject} {
		for seed := range uint64(4) {
			s := several(t, seed, way, nil)
			digest := s.push(0, orders, "a")
			s.Start(time.Second, orders, "first", pushed(orders, digest, "a"))
			s.Start(time.Second+time.Duration(seed)*45*time.Millisecond, orders, "second", pushed(orders, digest, "release-a"))
			s.Start(25*time.Minute, orders, "late", pushed(orders, digest, "a")) // while it settles
			s.Advance(26 * time.Minute)
			winner, other := "first", "second"
			if s.Finish(6 * time.Hour); s.ended("second", "Released") { // at the very same moment either may be the one
				winner, other = other, winner
			}
			s.wantEnds(t, 6*time.Hour, map[string]string{winner: "Released", other: "Refused", "late": "Refused"})
			for _, name := range []string{other, "late"} {
				if _, cause := s.End(name); !strings.Contains(cause, "is in flight already") || !strings.Contains(cause, "nothing to do: serin watch r-") {
					t.Errorf("%s, seed %d: %s says %q", way, seed, name, cause)
				}
			}
		}
	}
}

func (s *Several) ended(name, state string) bool {
	end, _ := s.End(name)
	return end == state
}
