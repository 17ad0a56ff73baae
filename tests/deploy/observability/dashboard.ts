// What a dashboard may be: Grafana's own types, brought together as a dashboard file has them.
// test_dashboards.py writes each dashboard down as a value of the type Board, and has the compiler look at it.

import type * as grafana from '@grafana/schema';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// A file has the values of Grafana's enums and not their names: "never", not VisibilityMode.Never.
type Written<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer Value extends number}`
      ? Value
      : never
    : T extends object
      ? { [Key in keyof T]: Written<T[Key]> }
      : T;

// Grafana's data source for Prometheus is a plugin with types of its own; these are the fields that the dashboards use.
interface Query {
  refId: string;
  expr: string;
  legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  range?: boolean;
}

type Panel<Type extends string, Options, Custom> = Omit<grafana.Panel, 'type' | 'targets' | 'options' | 'fieldConfig'> & {
  type: Type;
  targets: Query[];
  options: Options;
  fieldConfig: {
    defaults: Omit<grafana.FieldConfig, 'custom'> & { custom?: Custom };
    overrides: grafana.FieldConfigSource['overrides'];
  };
};

type AnyPanel =
  | Panel<'bargauge', bargauge.Options, never>
  | Panel<'stat', stat.Options, never>
  | Panel<'state-timeline', timeline.Options, timeline.FieldConfig>
  // The type wants what Grafana fills in from its defaults.
  | Panel<'table', Omit<table.Options, 'showTypeIcons'>, Omit<table.FieldConfig, 'cellOptions'>>
  | Panel<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | grafana.RowPanel;

export type Board = Written<Omit<grafana.Dashboard, 'panels'> & { panels: AnyPanel[] }>;

// These are refused, or the compiler says so: types that come to nothing would take them.
type Stat = Extract<Board['panels'][number], { type: 'stat' }>;
// @ts-expect-error A number for a text.
export const refresh: Board['refresh'] = 30;
// @ts-expect-error No such mode.
export const mode: Stat['options']['graphMode'] = 'areas';
// @ts-expect-error No such key.
export const place: Stat['gridPos'] = { h: 1, w: 1, x: 0, y: 0, width: 3 };
