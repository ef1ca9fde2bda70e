package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/adopt"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

type initialize struct {
	cloud
	service string
	request adopt.Request
	name    string
	folder  string
}

func initCommand(o outside) *cobra.Command {
	i := initialize{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "init --service CLUSTER/SERVICE",
		Short: "Put a canary on a queue worker that exists, without the CDK",
		Long: `Read a queue worker - its service, its task definition, its scaling, the queue that its environment names - and write
three files for it, which are yours from then on:

  NAME.target.yaml   what is released and how
  NAME.roles.json    a CloudFormation template: what serin may do for it, and the parameter that says what serves
  NAME.canary.yaml   a CloudFormation template: the canary's service beside it, and alarms

Nothing on AWS is changed, and no file is overwritten. A service of which no canary could be released is refused with what
would be right: another deployment controller than ECS, a load balancer, a FIFO queue, an image outside of ECR.

Exit codes: 0 written; 1 AWS said no; 2 wrong use, or a service that cannot be adopted.`,
		Example: `  serin init --service prod/orders-worker --region eu-central-1
  serin init --service prod/orders-worker --container worker --queue orders --dir deploy`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return i.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&i.service, "service", "", "the worker: `CLUSTER/SERVICE`, by their names")
	flags.StringVar(&i.name, "name", "", "`NAME` of the target (default: the service's)")
	flags.StringVar(&i.request.Canary, "canary", "", "`NAME` of the canary's service (default: the service's with -canary)")
	flags.StringVar(&i.request.Container, "container", "", "`NAME` of the container whose image is released, where there are several")
	flags.StringVar(&i.request.Queue, "queue", "", "`NAME` or URL of the queue (default: what the container's environment names)")
	flags.StringVar(&i.folder, "dir", ".", "the `FOLDER` to write to")
	complete(command, "dir", cobra.ShellCompDirectiveFilterDirs)
	for _, name := range []string{"service", "name", "canary", "container", "queue"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
	required(command, "service")
	i.flags(command)
	return command
}

// adopted is what the command answers in JSON.
type adopted struct {
	Target release.TargetName `json:"target"`
	Files  []string           `json:"files"`
	Notes  []string           `json:"notes"`
	Next   []string           `json:"next"` // commands, in order
}

func (i *initialize) run(ctx context.Context, out, errOut io.Writer) error {
	if err := checkOutput(i.output); err != nil {
		return err
	}
	var found bool
	i.request.Cluster, i.request.Service, found = strings.Cut(i.service, "/")
	if !found || i.request.Cluster == "" || i.request.Service == "" || strings.ContainsAny(i.request.Service, "/:") {
		return usageError("--service is %q but must be CLUSTER/SERVICE, by their names", i.service)
	}
	i.request.Target = release.TargetName(i.name)
	read, err := i.workers(ctx, i.where)
	if err != nil {
		return err
	}
	worker, err := adopt.Survey(ctx, read, i.request)
	if err != nil {
		return err
	}
	files, err := i.files(worker)
	if err != nil {
		return err
	}
	answer := adopted{Target: worker.Name, Notes: worker.Notes(), Next: i.next(worker)}
	if answer.Files, err = writeNew(files); err != nil {
		return err
	}
	if i.output == "json" {
		return printJSON(out, answer)
	}
	for _, note := range answer.Notes {
		fmt.Fprintf(errOut, "note: %s\n", note)
	}
	_, err = io.WriteString(out, afterInit(worker, answer))
	return err
}

// newFile is a file to be written where there is none.
type newFile struct {
	path string
	text []byte
}

func (i *initialize) path(w adopt.Worker, kind string) string {
	return filepath.Join(i.folder, string(w.Name)+kind)
}

func (i *initialize) files(w adopt.Worker) ([]newFile, error) {
	var files []newFile
	for _, file := range []struct {
		kind  string
		write func() ([]byte, error)
	}{{".target.yaml", w.TargetFile}, {".roles.json", w.Roles}, {".canary.yaml", w.Canary}} {
		text, err := file.write()
		if err != nil {
			return nil, err
		}
		files = append(files, newFile{i.path(w, file.kind), text})
	}
	// What is written must be valid: a name of AWS's that the target file does not take is found here, not at a release.
	_, err := targetfile.Parse(files[0].path, files[0].text)
	return files, err
}

// writeNew writes all files, or none where one of them exists.
func writeNew(files []newFile) ([]string, error) {
	for _, file := range files {
		switch _, err := os.Lstat(file.path); {
		case err == nil:
			return nil, release.Errorf(release.Invalid, "", "%s exists, and serin init overwrites nothing: move it away, or give another --dir; no file was written", file.path)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, release.Errorf(release.Invalid, "", "no file was written: %w", err)
		}
	}
	var paths []string
	for _, file := range files {
		if err := writeFile(file); err != nil {
			return paths, release.Errorf(release.Invalid, "", "%d of %d files were written: %w", len(paths), len(files), err)
		}
		paths = append(paths, file.path)
	}
	return paths, nil
}

// writeFile writes a file that its owner alone may read: a task definition's environment may hold anything.
func writeFile(file newFile) error {
	made, err := os.OpenFile(file.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = made.Write(file.text)
	return errors.Join(err, made.Close())
}

// next are the commands that put everything in place.
func (i *initialize) next(w adopt.Worker) []string {
	var where string
	for _, flag := range [][2]string{{"profile", i.where.Profile}, {"region", i.where.Region}} {
		if flag[1] != "" {
			where += " --" + flag[0] + " " + flag[1]
		}
	}
	deploy := "aws cloudformation deploy" + where + " --stack-name "
	return []string{
		deploy + string(w.Name) + "-serin --template-file " + i.path(w, ".roles.json") + " --capabilities CAPABILITY_NAMED_IAM",
		deploy + string(w.Name) + "-canary --template-file " + i.path(w, ".canary.yaml"),
		"serin apply" + where + " -f " + i.path(w, ".target.yaml"),
	}
}

// afterInit says what was found and written, and what comes next.
func afterInit(w adopt.Worker, a adopted) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s (%s) reads the queue %s; container %s is released\n", w.Place.Cluster, w.Place.PrimaryService, w.Size(), w.Place.Queue, w.Place.Container)
	for _, file := range a.Files {
		fmt.Fprintf(&b, "wrote %s\n", file)
	}
	fmt.Fprintf(&b, "Look at them, then:\n")
	for _, command := range a.Next {
		fmt.Fprintf(&b, "  %s\n", command)
	}
	return b.String()
}
