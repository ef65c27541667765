/// The page's looks: light and dark, screen and paper, phone and desk. Colours of marks are Okabe and Ito's, which all eyes tell apart.
enum ReportStyle {
    static let css = """
        :root{--paper:#fffffb;--ink:#1b1b1b;--soft:#5a5a57;--rule:#d9d8d2;--faint:#ecebe5;--line:#0072b2;--band:#0072b233;\
        --quarter:#e69f0040;--holiday:#c14e00;--event:#a3427b;--pass:#006b4f;--fail:#b33c00;--link:#00568a;\
        --with:0 114 178;--against:230 159 0;--gap:213 94 0}
        @media (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e9e8e4;--soft:#a9a8a3;--rule:#3a3d41;--faint:#26292d;--line:#56b4e9;\
        --band:#56b4e938;--quarter:#e69f0038;--holiday:#f08a4b;--event:#e39bc4;--pass:#2fc79c;--fail:#ff9a63;--link:#7cc4f0;\
        --with:86 180 233;--against:230 159 0;--gap:240 138 75}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);\
        font:1rem/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
        h1,h2,h3,.lead{font-family:Charter,"Bitstream Charter","Iowan Old Style",Palatino,Georgia,"Noto Serif","DejaVu Serif",serif;font-weight:400}
        h1{font-size:2.4rem;line-height:1.15;margin:.1em 0 .3em}
        h2{font-size:1.6rem;line-height:1.2;margin:3.2rem 0 .4rem;padding-top:.8rem;border-top:1px solid var(--rule)}
        h3{font-size:1.15rem;margin:1.8rem 0 .3rem}
        p{max-width:44rem;margin:.5rem 0}
        a{color:var(--link)}
        a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--line);outline-offset:2px}
        .kicker,.note,figcaption,caption,footer{color:var(--soft);font-size:.875rem}
        .kicker{margin:0}
        .lead{font-size:1.15rem}
        .stamp{font-weight:600}.stamp.pass,.pass .verdict{color:var(--pass)}.stamp.fail,.fail .verdict{color:var(--fail)}
        .none .verdict,.weak .verdict{color:var(--soft)}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;margin:1.2rem 0 0;font-size:.9rem}
        .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        figure{margin:1.2rem 0 1.6rem;min-width:0}
        figcaption{margin-bottom:.2rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:0 2rem}
        .charts.four{grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr));gap:0 1rem}.four .plot{padding-right:0}
        .legend{display:inline-block;margin-right:.9em}.legend:first-of-type{margin-left:.9em}
        .legend i{display:inline-block;width:1.1em;height:.7em;margin-right:.4em;vertical-align:baseline}
        i.line{height:2px;vertical-align:.25em;background:var(--line)}i.band{background:var(--band)}i.quarter{background:var(--quarter)}
        i.holiday{background:var(--holiday);width:.35em}i.event{background:var(--event);height:.3em}
        .plot{padding:1.5rem .75rem 2.5rem 3.4rem}
        [data-chart=missing] .plot{padding-left:7.5rem;padding-top:.3rem}
        svg.axes,svg.mini,svg.inline{display:block;width:100%;overflow:visible}
        svg text{font-size:11px;fill:var(--soft);unicode-bidi:isolate}
        text.y{text-anchor:end}text.x{text-anchor:middle}text.axis{text-anchor:end}text.row{font-size:10px}text.unit{text-anchor:start;transform:translateX(-3rem)}
        [data-chart=missing] text.unit{transform:none}
        .grid line{stroke:var(--faint)}.ticks line,.ruler line{stroke:var(--rule)}
        .inner path{fill:none;vector-effect:non-scaling-stroke}
        .inner .line{stroke:var(--line);stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}.inner .thin{stroke-width:1.1}
        .inner .band{fill:var(--band)}.inner .quarter{fill:var(--quarter)}.inner .holiday{fill:var(--holiday);stroke:var(--holiday);stroke-width:1}.inner .event{fill:var(--event)}
        .inner .columns{fill:var(--band);stroke:var(--line);stroke-width:1}
        circle{fill:var(--line)}.reach{stroke:var(--line);stroke-width:2;stroke-opacity:.4}line.rule{stroke:var(--soft);stroke-dasharray:2 3}
        .gap1{--o:.22}.gap2{--o:.4}.gap3{--o:.6}.gap4{--o:.8}.gap5{--o:1}
        .inner [class^=gap]{fill:rgb(var(--gap)/var(--o))}i[class^=gap]{background:rgb(var(--gap)/var(--o))}
        .inner .absent{fill:var(--faint)}i.absent{background:var(--faint)}
        .minis{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.9rem 1.2rem;padding:.4rem 0}
        .minis span{font-size:.75rem;color:var(--soft)}
        .scroll{overflow-x:auto;position:relative}
        table{border-collapse:collapse;font-size:.85rem;margin:.4rem 0}
        caption{text-align:left;padding:.4rem 0;caption-side:top}
        th,td{text-align:left;font-weight:400;padding:.22rem .9rem .22rem 0;vertical-align:middle;border-bottom:1px solid var(--faint);white-space:nowrap}
        thead th{color:var(--soft);border-bottom:1px solid var(--rule);vertical-align:bottom}
        th[scope=rowgroup]{padding-top:.9rem;font-weight:600;border-bottom:1px solid var(--rule)}
        .n{text-align:right}
        td.sentence{white-space:normal;min-width:18rem}
        .holidays td,.holidays th[scope=row]{white-space:normal;min-width:9rem;vertical-align:top}
        .holidays time{white-space:nowrap}
        .drawn{width:100%;min-width:9rem}
        .spread .drawn{min-width:11rem;padding-left:.6rem}.ruler-unit{display:block;text-align:right}
        .metrics th,.metrics td{padding-right:.55rem}.metrics .drawn{min-width:8rem}.checks .drawn{min-width:7rem}
        .heat caption{width:min(34rem,80vw)}.heat td{min-width:3.2rem;padding-right:.5rem}.heat .self{color:var(--soft)}
        .with1{background:rgb(var(--with)/.1)}.with2{background:rgb(var(--with)/.18)}.with3{background:rgb(var(--with)/.26)}\
        .with4{background:rgb(var(--with)/.34)}.with5{background:rgb(var(--with)/.42)}
        .against1{background:rgb(var(--against)/.12)}.against2{background:rgb(var(--against)/.24)}.against3{background:rgb(var(--against)/.36)}\
        .against4{background:rgb(var(--against)/.48)}.against5{background:rgb(var(--against)/.6)}
        abbr{text-decoration:none}
        summary{cursor:pointer;color:var(--link);font-size:.85rem;width:max-content;max-width:100%}
        details.data .scroll{max-height:18rem;overflow:auto}
        details.data td{text-align:right}
        dl{display:grid;grid-template-columns:minmax(8rem,max-content) minmax(0,1fr);gap:.25rem 1.4rem;font-size:.9rem;margin:.6rem 0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        pre{font:.8rem/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow:auto;max-height:28rem;padding:.6rem .8rem;\
        border-left:2px solid var(--rule);white-space:pre-wrap;overflow-wrap:anywhere}
        footer{margin-top:3rem;border-top:1px solid var(--rule)}
        @media (max-width:40rem){body{padding:1.2rem .9rem 3rem}h1{font-size:1.9rem}text.minor{display:none}.legend:first-of-type{margin-left:0}\
        .plot{padding-right:.4rem}.spread .wide{display:none}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
        @media print{:root{--paper:#fff;--ink:#000;--soft:#444}body{max-width:none;padding:0;font-size:10pt}nav,details.data,details.config:not([open]){display:none}\
        h2{break-after:avoid}figure,tr{break-inside:avoid}.scroll{overflow:visible}a{color:inherit}pre{max-height:none}}
        """
}
