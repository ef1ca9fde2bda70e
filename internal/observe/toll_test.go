package observe

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/release"
)

// What a release cost is counted as long as the canary's metrics were the canary's, by one call, and nothing that cannot
// be read is guessed.
func TestToll(t *testing.T) {
	const dead = "AWS/SQS/ApproximateNumberOfMessagesVisible{QueueName=orders-dlq,} Maximum 60"
	backlog := func(before, now int64) *release.Backlog { return &release.Backlog{Before: before, Now: now} }
	canary := release.Arm{Units: 150, Failed: 12} // minutes 1 to 3: before and after, the baseline works in its place
	for name, c := range map[string]struct {
		change func(*fakeCloudWatch, *release.Release)
		want   release.Toll
	}{
		"rolled back":         {func(*fakeCloudWatch, *release.Release) {}, release.Toll{Canary: canary}},
		"messages were dead":  {func(f *fakeCloudWatch, _ *release.Release) { f.put(dead, minute(-9), 2); f.put(dead, minute(5), 5) }, release.Toll{Canary: canary, DeadLetters: backlog(2, 5)}},
		"the first dead ones": {func(f *fakeCloudWatch, _ *release.Release) { f.put(dead, minute(4), 1); f.put(dead, minute(5), 3) }, release.Toll{Canary: canary, DeadLetters: backlog(0, 3)}},
		"they were taken out": {func(f *fakeCloudWatch, _ *release.Release) { f.put(dead, minute(-9), 2); f.put(dead, minute(5), 0) }, release.Toll{Canary: canary, DeadLetters: backlog(2, 0)}},
		"the queue is not seen": {func(f *fakeCloudWatch, _ *release.Release) {
			f.put(dead, minute(5), 5)
			f.status = map[string]types.StatusCode{dead: types.StatusCodeInternalError}
		}, release.Toll{Canary: canary}},
		"the canary is not seen": {func(f *fakeCloudWatch, _ *release.Release) {
			f.silent = map[string]bool{"Orders/Failed{Service=orders-canary,} Sum 60": true}
		}, release.Toll{}},
		"the canary never ran": {func(_ *fakeCloudWatch, r *release.Release) { r.CanarySince = time.Time{} }, release.Toll{}},
		"there is no such queue": {func(f *fakeCloudWatch, r *release.Release) {
			f.put(dead, minute(5), 5)
			r.Metrics.DeadLetters = release.Metric{}
		}, release.Toll{Canary: canary}},
		"promoted in the meantime": {func(_ *fakeCloudWatch, r *release.Release) {
			r.Decision = release.Decision{Next: release.NextPromote, At: minute(3)}
		}, release.Toll{Canary: release.Arm{Units: 100, Failed: 8}}},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := &fakeCloudWatch{}, aRelease()
			for m := -2; m < 9; m++ {
				f.counted("orders-canary", m, 50, 4)
			}
			r.Phase, r.Served.At = release.RolledBack, minute(4)
			r.Metrics.DeadLetters = release.Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: []release.Dimension{{Name: "QueueName", Value: "orders-dlq"}}}
			c.change(f, r)
			got, err := f.observer(minute(6)).Toll(t.Context(), r)
			if err != nil || !reflect.DeepEqual(got, c.want) || len(f.getMetricData) != 1 || len(f.describeAlarms) != 0 {
				t.Errorf("%+v (dead letters %+v), %v, by %d calls", got, got.DeadLetters, err, len(f.getMetricData))
			}
		})
	}
	if _, err := (&fakeCloudWatch{fail: errors.New("no")}).observer(minute(6)).Toll(t.Context(), aRelease()); err == nil {
		t.Error("a call that fails is no answer")
	}
}
