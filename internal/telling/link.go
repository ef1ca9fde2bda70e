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

func whereOf(arn string) (where, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[3] == "" {
		return where{}, false
	}
	return where{parts[1], parts[3], parts[4]}, true
}

// console returns the beginning of the console's addresses in a partition and region.
func (w where) console() string {
	switch w.partition {
	case "aws-cn":
		return "https://" + w.region + ".console.amazonaws.cn/"
	case "aws-us-gov":
		return "https://" + w.region + ".console.amazonaws-us-gov.com/"
	}
	return "https://" + w.region + ".console.aws.amazon.com/"
}

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
