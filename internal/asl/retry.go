package asl

import (
	"math"
	"slices"
	"strings"
	"time"
)

// The errors with a name of their own in the language.
const (
	errAll        = "States.ALL"         // wildcard; not the two terminal errors below
	errTaskFailed = "States.TaskFailed"  // wildcard for everything but States.Timeout
	errTimeout    = "States.Timeout"     // a task ran longer than its TimeoutSeconds
	errPermission = "States.Permissions" // a task lacked a permission
	errResultPath = "States.ResultPathMatchFailure"
	errRuntime    = "States.Runtime"           // terminal: nothing retries or catches it
	errTooBig     = "States.DataLimitExceeded" // terminal: nothing retries or catches it
)

// catchable are the names beginning with "States." that an ErrorEquals may hold. The two terminal errors are left
// out: States.Runtime cannot be caught at all, and catching States.DataLimitExceeded by name is not documented.
var catchable = []string{errAll, errTaskFailed, errTimeout, errPermission, errResultPath}

// maxSeconds is the largest number of seconds that AWS takes; a little over three years.
const maxSeconds = 99999999

// failure is an error within an execution, by its name.
type failure struct{ name, cause string }

// terminal tells whether the error ends the execution whatever Retry and Catch say.
func (f *failure) terminal() bool { return f.name == errRuntime || f.name == errTooBig }

// errorNames is an ErrorEquals.
type errorNames []string

func (names errorNames) match(f *failure) bool {
	if f.terminal() {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return name == f.name || name == errAll || name == errTaskFailed && f.name != errTimeout
	})
}

// errorNames reads "ErrorEquals". States.ALL must stand alone, and in the last element of its list.
func (o *object) errorNames(last bool) errorNames {
	names := decode[[]string](o, "ErrorEquals", "an array of error names")
	if len(names) == 0 {
		o.fail("field \"ErrorEquals\" must not be empty")
	}
	for i, name := range names {
		switch {
		case name == "":
			o.fail("field \"ErrorEquals\" holds an empty name")
		case slices.Contains(names[:i], name):
			o.fail("field \"ErrorEquals\" holds %q twice", name)
		case name == errAll && (len(names) > 1 || !last):
			o.fail("field \"ErrorEquals\": States.ALL must stand alone and in the last element")
		case strings.HasPrefix(name, "States.") && !slices.Contains(catchable, name):
			o.fail("field \"ErrorEquals\" holds %q, which nothing can catch", name)
		}
	}
	return names
}

// retrier is one element of Retry. Its count of attempts belongs to a Run.
type retrier struct {
	errors   errorNames
	interval time.Duration
	attempts int
	rate     float64
	most     time.Duration // MaxDelaySeconds
	jitter   bool          // JitterStrategy FULL
}

func readRetry(o *object) []retrier {
	if !o.has("Retry") {
		return nil
	}
	items := o.list("Retry")
	retry := make([]retrier, len(items))
	for i, item := range items {
		retry[i] = readRetrier(item, i == len(items)-1)
		if err := item.done(); err != nil && o.err == nil {
			o.err = err
		}
	}
	return retry
}

func readRetrier(o *object, last bool) retrier {
	o.comment()
	seconds := o.wholeOr("IntervalSeconds", 1, maxSeconds, 1)
	most := o.wholeOr("MaxDelaySeconds", 1, 31622400, maxSeconds)
	r := retrier{
		errors:   o.errorNames(last),
		interval: time.Duration(seconds) * time.Second,
		attempts: o.wholeOr("MaxAttempts", 0, maxSeconds, 3),
		rate:     2,
		most:     time.Duration(most) * time.Second,
	}
	if most < seconds {
		o.fail("field \"MaxDelaySeconds\" is %d but must not be below IntervalSeconds (%d)", most, seconds)
	}
	if o.has("BackoffRate") {
		r.rate = decode[float64](o, "BackoffRate", "a number")
		if r.rate < 1 {
			o.fail("field \"BackoffRate\" is %v but must be at least 1", r.rate)
		}
	}
	if o.has("JitterStrategy") {
		switch strategy := o.text("JitterStrategy"); strategy {
		case "FULL":
			r.jitter = true
		case "NONE":
		default:
			o.fail("field \"JitterStrategy\" is %q but must be FULL or NONE", strategy)
		}
	}
	return r
}

// delay is the back-off after so many retries: interval * rate^done, at most MaxDelaySeconds; full jitter then
// draws evenly from zero to that.
func (r retrier) delay(done int, random func() float64) time.Duration {
	delay := min(float64(r.interval)*math.Pow(r.rate, float64(done)), float64(r.most))
	if r.jitter {
		delay *= random()
	}
	return time.Duration(delay)
}

// catcher is one element of Catch.
type catcher struct {
	errors errorNames
	result resultPath
	next   transition
}

func readCatch(o *object) []*catcher {
	if !o.has("Catch") {
		return nil
	}
	items := o.list("Catch")
	catch := make([]*catcher, len(items))
	for i, item := range items {
		item.comment()
		catch[i] = &catcher{
			errors: item.errorNames(i == len(items)-1),
			result: item.resultPath(),
			next:   transition{name: item.text("Next")},
		}
		if err := item.done(); err != nil && o.err == nil {
			o.err = err
		}
	}
	return catch
}
