// Command custom_go is a component with dice, for agents that play.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/woodwork-lang/ww/sdk"
)

func main() {
	var dice *rand.Rand
	c := sdk.Component{Name: "dice", Version: "1.0", Description: "Throws dice."}
	c.Start = func(_ context.Context, config json.RawMessage) error {
		var said struct{ Seed uint64 }
		if err := json.Unmarshal(config, &said); err != nil {
			return err
		}
		dice = rand.New(rand.NewPCG(said.Seed, said.Seed))
		return nil
	}
	c.Tools = []sdk.Tool{{
		Name: "throw", Description: "Throws some dice and adds them up.",
		Schema: sdk.Inputs(map[string]string{"dice": "integer"}),
		Do: func(_ context.Context, t *sdk.Turn) (any, error) {
			var in struct{ Dice int }
			if err := t.Into(&in); err != nil {
				return nil, err
			}
			if in.Dice < 1 || in.Dice > 100 {
				return nil, fmt.Errorf("%d dice cannot be thrown: 1 to 100", in.Dice)
			}
			sum := 0
			for range in.Dice {
				sum += dice.IntN(6) + 1
			}
			log.Printf("threw %d dice", in.Dice)
			return map[string]int{"dice": in.Dice, "sum": sum}, nil
		},
	}}
	if err := c.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
