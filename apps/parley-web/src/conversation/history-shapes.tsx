const widths = [['92%', '64%'], ['48%'], ['88%', '95%', '30%']];

/** Where messages will be: still shapes, no shimmer. */
export function HistoryShapes({ label }: { readonly label: string }) {
  return (
    <div className="shapes" role="status" aria-label={label}>
      {widths.map((lines, at) => (
        <div key={at} className="msg frame first" aria-hidden="true">
          <div className="who">
            <span className="bone" />
            <span className="av bone-av" />
          </div>
          <div className="said">
            {lines.map((inlineSize) => (
              <span key={inlineSize} className="bone" style={{ inlineSize }} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
