package cloudwatch

// datapoint is what one period says to an alarm.
type datapoint struct {
	class class
	value float64
	start int64 // of the period, nanoseconds since 1970
}

type class uint8

const (
	missing class = iota
	fine
	breaching
)

// treatment is how an alarm treats missing data.
type treatment uint8

const (
	treatMissing treatment = iota
	treatIgnore
	treatBreaching
	treatNotBreaching
)

// verdict is what an evaluation says of the state.
type verdict uint8

const (
	retain verdict = iota
	toOK
	toAlarm
	toInsufficient
)

// extra is how many periods beyond N an alarm looks back for real data points. AWS documents the rule by an example
// with N = 3 and a range of 5, and no number.
const extra = 2

// evaluate decides M out of N over the evaluation range, the newest period last, as CloudWatch documents it:
//   - with N real data points in the range, the newest N of them decide;
//   - with fewer, all real ones count and only the rest is filled in as the treatment says;
//   - with treatment missing, an alarm with nothing but breaching data points fires once the oldest is M periods old
//     (and not before: the next one may be fine).
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func evaluate(window []datapoint, m, n int, treat treatment) verdict {
	bad, good, oldest := 0, 0, 0
	for i := len(window) - 1; i >= 0 && bad+good < n; i-- {
		switch window[i].class {
		case breaching:
			bad++
			oldest = len(window) - i // its age in periods, 1 for the newest
		case fine:
			good++
		}
	}
	filled := n - bad - good
	switch {
	case bad >= m, treat == treatBreaching && bad+filled >= m:
		return toAlarm
	case filled == 0, good > 0, treat == treatNotBreaching, treat == treatBreaching:
		return toOK
	case treat == treatIgnore:
		return retain
	case bad > 0 && oldest >= m:
		return toAlarm
	}
	return toInsufficient
}
