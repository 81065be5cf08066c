package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/kinds/property"
)

// docker runs commands in a container that has the workspace mounted.
type docker struct {
	image, container string
	dockerfile       string
}

// usualDockerfile is for workspaces that bring none.
const usualDockerfile = `FROM ubuntu:24.04
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl git nano vim python3 sudo && rm -rf /var/lib/apt/lists/*
`

// dockerLimit is how long docker may take to answer; building an image is given longer.
const dockerLimit = 15 * time.Second

func newDocker(v property.Values, name string, s settings) (*docker, error) {
	d := &docker{}
	var errs []error
	text := func(key, otherwise string) string {
		t, err := v.Text(key, otherwise)
		errs = append(errs, err)
		return t
	}
	d.image, d.container = text("image_name", "coding-env"), text("container_name", "coding-env")
	d.dockerfile = text("dockerfile", usualDockerfile)
	if s.inside == "" || s.inside[0] != '/' {
		errs = append(errs, fmt.Errorf("%s: local_path is the path inside of the container, as in \"/workspace\"", name))
	}
	return d, errors.Join(errs...)
}

// start makes the container, or starts the one that is there.
func (d *docker) start(ctx context.Context, w *workspace) error {
	asked, cancel := context.WithTimeout(ctx, dockerLimit)
	defer cancel()
	if _, err := d.docker(asked, "", "version", "--format", "{{.Server.Version}}"); err != nil {
		return errNoDocker(w.name, err)
	}
	if _, err := d.docker(asked, "", "start", d.container); err == nil {
		return nil // from before
	}
	if _, err := d.docker(asked, "", "image", "inspect", d.image); err != nil {
		w.log.Info("the image is built", "image", d.image)
		if _, err := d.docker(ctx, d.dockerfile, "build", "-t", d.image, "-"); err != nil {
			return fmt.Errorf("%s: the image %s cannot be built: %w", w.name, d.image, err)
		}
	}
	args := []string{"run", "-d", "--name", d.container, "-v", w.home + ":" + w.inside, "-w", w.inside, "--user", fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())}
	if _, err := d.docker(ctx, "", append(args, d.image, "sleep", "infinity")...); err != nil {
		return fmt.Errorf("%s: the container %s does not start: %w", w.name, d.container, err)
	}
	return nil
}

// command is a program with its arguments, in the container. Values of variables are not shown in argv.
func (d *docker) command(at string, env map[string]string, argv []string) []string {
	out := []string{"docker", "exec", "-i", "-w", at}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, "-e", name)
	}
	return append(append(out, d.container), argv...)
}

func (d *docker) stop(ctx context.Context, w *workspace) error {
	ctx, cancel := context.WithTimeout(ctx, dockerLimit)
	defer cancel()
	if _, err := d.docker(ctx, "", "stop", "-t", "1", d.container); err != nil {
		w.log.Warn("the container is not stopped", "container", d.container, "error", err)
	}
	return nil
}

func (d *docker) docker(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	said := strings.TrimSpace(string(out))
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("there is no program docker on the PATH")
		}
		lines := strings.Split(said, "\n")
		return said, errors.New(cmp.Or(lines[len(lines)-1], err.Error()))
	}
	return said, nil
}
