<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectWaitingTitle")}
  <#elseif section = "form">
    <div id="enterprise-connect-waiting">
      <div role="status">
        <p>${msg("enterpriseConnectWaitingText")}</p>
        <progress class="pf-v5-u-w-100" aria-label="${msg("enterpriseConnectWaitingTitle")}" max="${longest?c}" value="${elapsed?c}"></progress>
      </div>
      <@parts.actions>
        <#-- Has the focus each time, so that the page's coming anew takes it from nobody. -->
        <@parts.button name="skip" label="enterpriseConnectSkip" focused=true/>
      </@parts.actions>
    </div>
  </#if>
</@layout.registrationLayout>
