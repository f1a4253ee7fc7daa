package dev.tidegate.drivers.coap.payload;

import dev.tidegate.reading.Unit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The units of the IANA SenML registry (RFC 8428 section 12.1, RFC 8798 for the secondary ones) in
 * UCUM's notation, as far as they measure what UCUM measures. Those that both spell alike and those
 * that differ stand in the same table, so that a unit outside the registry is not guessed.
 */
final class SenmlUnits {
  private static final Map<String, Unit> UNITS = new HashMap<>();

  static {
    same("m kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy");
    same("m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2 S/m %");
    as("Sv=Gy kat=mol/s lat=deg lon=deg pH=[pH] count=1 /=1 %RH=% %EL=% EL=s 1/s=1/s 1/min=1/min");
    as("beat/min=1/min beats=1 J/m=J/m kg/m3=kg/m3 deg=deg NTU=1");
    // RFC 8798: secondary units
    same("ms min h MHz kW mV mA mm cm km");
    as("kVA=kW VA=W var=W kvar=kW VAs=W.s Wh=W.h kWh=kW.h VAh=W.h kVAh=kW.h vars=W.s varh=W.h");
    as("kvarh=kW.h Ah=A.h As=A.s Js=J.s J/s=W mm/h=mm/h m/h=m/h km/h=km/h ppm=[ppm] /100=%");
    as("/1000=[ppth] hPa=hPa ug/m3=ug/m3 g/l=g/l dl/m3=dl/m3 Wh/km=W.h/km");
  }

  private SenmlUnits() {}

  /** The unit of that SenML symbol; null where the registry or UCUM has none. */
  static @Nullable Unit of(String symbol) {
    return UNITS.get(symbol);
  }

  private static void same(String symbols) {
    for (String symbol : symbols.split(" ", -1)) {
      UNITS.put(symbol, Unit.of(symbol));
    }
  }

  private static void as(String pairs) {
    for (String pair : pairs.split(" ", -1)) {
      int equals = pair.indexOf('=');
      UNITS.put(pair.substring(0, equals), Unit.of(pair.substring(equals + 1)));
    }
  }
}
