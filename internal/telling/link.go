package telling

import (
	"net/url"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// Place says where serin keeps what people may want to open.
type Place struct {
	Bucket string // of the reports; empty where none are kept
}

// ReportKey returns the name of a release's report in the bucket.
func ReportKey(r *release.Release) string {
	return "reports/" + string(r.Target.Name) + "/" + string(r.ID) + ".html"
}

// where is the account and region that an ARN names.
type where struct{ partition, region, account string }

// whereOf returns false for what is no ARN of a region, and for a partition whose console is not known: no link is better
// than one that leads nowhere.
func whereOf(arn string) (where, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[3] == "" || consoles[parts[1]] == "" {
		return where{}, false
	}
	return where{parts[1], parts[3], parts[4]}, true
}

// consoles are the console's domains by partition, each with a host a region. Those of the partitions without a public
// console are left out.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var consoles = map[string]string{
	"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com",
	"aws-eusc": "console.amazonaws-eusc.eu",
}

// console returns the beginning of the console's addresses in a partition and region.
func (w where) console() string { return "https://" + w.region + "." + consoles[w.partition] + "/" }

// execution returns the page of an execution.
func execution(arn release.ExecutionARN) string {
	w, ok := whereOf(string(arn))
	if !ok {
		return ""
	}
	return w.console() + "states/home?region=" + w.region + "#/v2/executions/details/" + string(arn)
}

// report returns the page of a release's report.
func (p Place) report(r *release.Release) string {
	w, ok := whereOf(string(r.Owner()))
	if !ok || p.Bucket == "" {
		return ""
	}
	return w.console() + "s3/object/" + url.PathEscape(p.Bucket) + "?region=" + w.region + "&prefix=" + url.QueryEscape(ReportKey(r))
}

// logs returns the page of a log stream. The console encodes names twice, with $ in place of %.
func logs(w where, group, stream string) string {
	twice := func(name string) string {
		return strings.ReplaceAll(url.QueryEscape(url.QueryEscape(name)), "%", "$")
	}
	return w.console() + "cloudwatch/home?region=" + w.region + "#logsV2:log-groups/log-group/" + twice(group) + "/log-events/" + twice(stream)
}
