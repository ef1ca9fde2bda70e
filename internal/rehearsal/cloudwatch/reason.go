package cloudwatch

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

var relations = map[types.ComparisonOperator]string{
	types.ComparisonOperatorGreaterThanOrEqualToThreshold: "greater than or equal to",
	types.ComparisonOperatorGreaterThanThreshold:          "greater than",
	types.ComparisonOperatorLessThanThreshold:             "less than",
	types.ComparisonOperatorLessThanOrEqualToThreshold:    "less than or equal to",
}

// stampForm is how CloudWatch writes times in its JSON.
const stampForm = "2006-01-02T15:04:05.000-0700"

// reasonFor writes why an alarm enters a state, as a sentence and as JSON.
func (d *Definition) reasonFor(to types.StateValue, window []datapoint, at int64) (text, data string) {
	var used []datapoint // the newest first
	for i := len(window) - 1; i >= 0 && len(used) < d.n; i-- {
		if window[i].class != missing {
			used = append(used, window[i])
		}
	}
	if to == types.StateValueInsufficientData || len(used) == 0 {
		text = fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", d.n)
		if to != types.StateValueInsufficientData {
			text = fmt.Sprintf("Threshold Crossed: no datapoints were received for %d periods and %d missing datapoints were treated as [%s].", d.n, d.n, treatmentWord(d.treat))
		}
		return text, d.reasonData(used, at)
	}
	return d.crossed(to, used), d.reasonData(used, at)
}

func treatmentWord(t treatment) string {
	if t == treatBreaching {
		return "Breaching"
	}
	return "NonBreaching"
}

func (d *Definition) crossed(to types.StateValue, used []datapoint) string {
	count, not := 0, "not "
	want := fine
	if to == types.StateValueAlarm {
		want, not = breaching, ""
	}
	var points []string
	for _, p := range used {
		if p.class == want {
			count++
			points = append(points, number(p.value)+" ("+time.Unix(0, p.start).UTC().Format("02/01/06 15:04:05")+")")
		}
	}
	verb := "were"
	if count == 1 {
		verb = "was"
	}
	minimum, arrow := d.m, "OK -> ALARM"
	if to != types.StateValueAlarm {
		minimum, arrow = d.n-d.m+1, "ALARM -> OK"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s%s the threshold (%s) (minimum %d datapoint%s for %s transition).",
		count, d.n, strings.Join(points, ", "), verb, not, relations[d.metric.ComparisonOperator], number(*d.metric.Threshold), minimum, plural(minimum), arrow)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// number writes a number as Java does: always with a fraction.
func number(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (d *Definition) reasonData(used []datapoint, at int64) string {
	values := make([]string, len(used))
	start := at
	for i, p := range used {
		values[len(used)-1-i] = number(p.value)
		start = min(start, p.start)
	}
	return fmt.Sprintf(`{"version":"1.0","queryDate":"%s","startDate":"%s","period":%d,"recentDatapoints":[%s],"threshold":%s}`,
		time.Unix(0, at).UTC().Format(stampForm), time.Unix(0, start).UTC().Format(stampForm), d.period/int64(time.Second), strings.Join(values, ","), number(*d.metric.Threshold))
}

// compositeReason names the first child that makes the difference.
func (s *Service) compositeReason(a *alarm, to types.StateValue, at int64) string {
	stamp := time.Unix(0, at).UTC().Format("Monday 02 January, 2006 15:04:05 UTC")
	for _, name := range a.def.rule.children {
		if child := s.alarm(name); child != nil && len(a.history) > 0 && child.updated.UnixNano()/minute == at/minute {
			return fmt.Sprintf("%s transitioned to %s at %s", arnOf(name), child.state, stamp)
		}
	}
	return fmt.Sprintf("%s was created and its alarm rule evaluates to %s", arnOf(a.def.name), to)
}

func arnOf(name string) string {
	return "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:" + name
}
