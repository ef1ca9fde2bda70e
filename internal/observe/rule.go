package observe

import "regexp"

// A rule names alarms as ALARM("name"), OK(name) or INSUFFICIENT_DATA("arn"); quotes may be left out, and a quote
// within a name is escaped.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
var (
	ruleTerm = regexp.MustCompile(`\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|([^")\s]+))\s*\)`)
	escaped  = regexp.MustCompile(`\\(.)`)
	alarmARN = regexp.MustCompile(`^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$`)
)

// children returns the names of the alarms that a composite alarm's rule mentions, each as often as it is mentioned.
func children(rule string) []string {
	var names []string
	for _, term := range ruleTerm.FindAllStringSubmatch(rule, -1) {
		name := escaped.ReplaceAllString(term[1], "$1") + term[2]
		if arn := alarmARN.FindStringSubmatch(name); arn != nil {
			name = arn[1]
		}
		names = append(names, name)
	}
	return names
}
