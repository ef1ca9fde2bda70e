package rehearsal

import (
	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// alarmsOf compiles the scenario's alarms; without any, every alarm of the target exists and has no data.
func alarmsOf(target release.Target, s scenario.Scenario) ([]*cloudwatch.Definition, error) {
	var alarms []*cloudwatch.Definition
	if s.AlarmSet == nil {
		for _, name := range target.Checks.Alarms {
			alarms = append(alarms, cloudwatch.Silent(name))
		}
		return alarms, nil
	}
	for _, alarm := range s.AlarmSet.Metric {
		d, err := cloudwatch.Define(alarm)
		if err != nil {
			return nil, release.Errorf(release.Invalid, s.Alarms, "%w", err)
		}
		alarms = append(alarms, d)
	}
	for _, alarm := range s.AlarmSet.Composite {
		d, err := cloudwatch.DefineComposite(alarm)
		if err != nil {
			return nil, release.Errorf(release.Invalid, s.Alarms, "%w", err)
		}
		alarms = append(alarms, d)
	}
	return alarms, nil
}
