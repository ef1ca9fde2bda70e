package price

// Standing is what costs money by being there.
type Standing string

// What serin and a target leave standing.
const (
	Alarm      Standing = "alarm"
	MathAlarm  Standing = "alarm over two metrics" // each metric of an expression is billed
	Key        Standing = "KMS key"
	Dashboard  Standing = "dashboard"
	CanaryTask Standing = "task of 0.25 vCPU and 0.5 GB (Fargate, ARM64)"
)

// hoursInMonth is AWS's own month.
const hoursInMonth = 730

// Month is what one of a kind costs a month, and how that is known.
type Month struct {
	USD  float64
	Page string // AWS's own
	Read string // when, and where the figure was seen: AWS's page, or somebody else's that quotes it
}

const cloudWatch = "https://aws.amazon.com/cloudwatch/pricing/"

// elsewhere stands before the address of a page that quotes a figure. On AWS's own page it is drawn by a script, and the
// stored text of that page, which was read, does not have it.
const elsewhere = "2026-11, not in the text of AWS's page; as quoted by "

// MonthOf returns the price of a kind.
func MonthOf(s Standing) Month {
	switch s {
	case Alarm:
		return Month{0.10, cloudWatch, elsewhere + "https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm"}
	case MathAlarm:
		return Month{2 * 0.10, cloudWatch, "that each metric of an expression is billed as an alarm could not be confirmed; the price of one, see alarm"}
	case Key:
		return Month{1, "https://aws.amazon.com/kms/pricing/", "2026-11, on AWS's page"}
	case Dashboard:
		return Month{3, cloudWatch, elsewhere + "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards (2026-06); that three are free, on AWS's page"}
	case CanaryTask:
		const vCPUHour, gbHour = 0.03238, 0.00356
		return Month{hoursInMonth * (0.25*vCPUHour + 0.5*gbHour), "https://aws.amazon.com/fargate/pricing/", elsewhere + "https://www.vantage.sh/blog/fargate-pricing"}
	}
	return Month{}
}

// Sweeps is the usage of a month of looks after open releases, every so many minutes, while there are none.
func Sweeps(minutes float64, memory MB) Usage {
	var u Usage
	const seconds = 0.1 // of one look, a start from cold now and then included
	u.Invocations = hoursInMonth * 60 / minutes
	u.GBSeconds = u.Invocations * seconds * float64(memory) / 1024
	u.Reads = u.Invocations / 2
	return u
}

// PipelineMinute is what a minute of an action costs in a CodePipeline of type V2; approvals by a person cost nothing.
// https://aws.amazon.com/codepipeline/pricing/, read 2026-11
const PipelineMinute = 0.002
